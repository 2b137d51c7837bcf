/** Notifications: channels, what is told by them once an edge, and its delivery. */
export { startNotifications } from './loop.ts';
export { notificationsRouter } from './router.ts';
export { queueNotification } from './service.ts';
export { findChannelRef } from './store.ts';
