/**
 * Preloaded (`node --import`) into each service of `npm start`: if the supervisor dies, the IPC channel closes and the
 * service stops as on SIGTERM. Otherwise a killed supervisor would leave its services running.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// The channel alone must not keep a service alive that has closed everything else.
process.channel?.unref();
