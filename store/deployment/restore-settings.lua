-- Writes a deployment's settings back after Redis lost them.
--
-- All running processes may call this at the same time. If a process without knowledge of the deployment has created
-- other settings in the meantime, the older deployment wins, because votes were counted with its secret.
--
-- KEYS[1] settings    votewire:cluster
-- ARGV[1] partitions  number of partitions
-- ARGV[2] secret      the stored field: the secret, or its fingerprint
-- ARGV[3] created     start of the deployment, in milliseconds since 1970
-- ARGV[4] schema      the highest schema version that the caller supports
--
-- Returns "same" if the settings exist, "written" if they were restored, "other" if those of an older deployment exist,
-- or "newer" if the data needs a higher schema version.

local old = redis.call('HMGET', KEYS[1], 'partitions', 'secret', 'created', 'schema')
if tonumber(old[4] or 0) > tonumber(ARGV[4]) then
  return 'newer'
end
if old[1] == ARGV[1] and old[2] == ARGV[2] then
  return 'same'
end
if old[2] and tonumber(old[3] or 0) <= tonumber(ARGV[3]) then
  return 'other'
end
redis.call('HSET', KEYS[1], 'partitions', ARGV[1], 'secret', ARGV[2], 'created', ARGV[3])
return 'written'
