export { DEVICE_CODE_BY_USER, DEVICE_LOGIN_BY_ADDRESS, forgiveAttempt, JOIN_CODE_BY_ADDRESS, takeAttempt } from './attempts.ts';
export { type Auth, openAuth } from './auth.ts';
export { createUser } from './create-user.ts';
export { identify } from './identify.ts';
export { meRouter } from './router.ts';
export { authRoutes } from './routes.ts';
