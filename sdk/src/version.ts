/** Version of this package, as the child tells it to the agent. A test holds it equal to package.json. */
export const SDK_VERSION = '0.1.0';
