-- Returns the length and the highest id of a stream so far. XINFO STREAM would also return two whole entries.
--
-- KEYS[1] stream  {pN}:votes
--
-- Returns {length, id}, with the id 0-0 if the stream does not exist.

if redis.call('EXISTS', KEYS[1]) == 0 then
  return { 0, '0-0' }
end
local info = redis.call('XINFO', 'STREAM', KEYS[1])
local position = { 0, '0-0' }
for i = 1, #info, 2 do
  if info[i] == 'length' then
    position[1] = info[i + 1]
  elseif info[i] == 'last-generated-id' then
    position[2] = info[i + 1]
  end
end
return position
