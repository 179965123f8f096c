-- Raises the schema version that processes must support; never lowers it.
--
-- KEYS[1] settings  votewire:cluster
-- ARGV[1] version   the version that is about to be written
--
-- Returns the version stored afterwards.

local stored = tonumber(redis.call('HGET', KEYS[1], 'schema') or '1')
local version = tonumber(ARGV[1])
if stored >= version then
  return stored
end
redis.call('HSET', KEYS[1], 'schema', ARGV[1])
return version
