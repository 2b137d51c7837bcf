export {
  DEVICE_CODE_BY_USER,
  DEVICE_LOGIN_BY_ADDRESS,
  forgiveAttempt,
  INVITATION_BY_ADDRESS,
  JOIN_CODE_BY_ADDRESS,
  SSO_BY_ADDRESS,
  takeAttempt,
} from './attempts.ts';
export { auditOfPerson } from './audit-person.ts';
export { type Auth, openAuth } from './auth.ts';
export { createUser } from './create-user.ts';
export { forgetUnprovedWithPassword } from './forget-sign-ins.ts';
export { identify, identifyByKey } from './identify.ts';
export { refuseForeignPage } from './own-page.ts';
export { requireNetworkOf } from './restrict.ts';
export { meRouter } from './router.ts';
export { authRoutes } from './routes.ts';
