-- Writes a deployment's settings back after Redis lost them.
--
-- Every running process may call this at the same time. If a process that knew nothing of the deployment created other
-- settings in between, the older deployment wins, because its secret is the one that votes were counted with.
--
-- KEYS[1] settings    votewire:cluster
-- ARGV[1] partitions  number of partitions
-- ARGV[2] secret      the field as it was read: the secret, or its fingerprint
-- ARGV[3] created     when the deployment began, in milliseconds since 1970
-- ARGV[4] schema      the highest schema version that the caller supports
--
-- Returns "same" if they are there, "written", "other" if an older deployment is there, or "newer" if the data needs a
-- higher schema version.

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
