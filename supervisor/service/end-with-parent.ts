/**
 * Preloaded (`node --import`) into each service of `npm start`. If the supervisor dies, the IPC channel closes and the
 * service stops as on SIGTERM; without this, a killed supervisor would leave its services running.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// The channel alone must not keep the process alive.
process.channel?.unref();
