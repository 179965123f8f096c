/**
 * Preloaded (`node --import`) into each part that `npm start` runs: when the supervisor is gone, however it went, the
 * IPC channel closes and the part stops as on SIGTERM. Without it a killed supervisor would leave its parts behind.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// The channel alone must not keep a part alive that has closed everything else.
process.channel?.unref();
