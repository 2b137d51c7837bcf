/** The control plane's login in the throw-away cluster: owns its databases, may create roles, is no superuser. */
export const LOGIN = 'signalbox';
/** The migrated database that tests clone. */
export const TEMPLATE = 'signalbox_template';
