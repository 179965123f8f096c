-- Atomically writes a contest's new rule in a partition and removes its counts and voters.
--
-- KEYS[1] stream   {pN}:votes
-- KEYS[2] rules    {pN}:rules
-- KEYS[3] tally    {pN}:tally:<contest>
-- KEYS[4] voters   {pN}:voters:<contest>
-- ARGV[1] contest  its id
-- ARGV[2] rule     its new value in the rules
-- ARGV[3] before   deadline in milliseconds since 1970: votes after it count and must not be removed
-- ARGV[4] keep     "1" keeps the version, which must only grow for watchers; "0" removes everything
--
-- Returns 1, or 0 if the deadline has passed; nothing is written then.

local call = redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- After the clock was set back, the stream's ids are ahead of it.
for _, pair in ipairs(call('EXISTS', KEYS[1]) == 1 and { call('XINFO', 'STREAM', KEYS[1]) } or {}) do
  for i = 1, #pair, 2 do
    if pair[i] == 'last-generated-id' then
      now = math.max(now, tonumber(string.match(pair[i + 1], '^%d+')))
    end
  end
end
if now >= tonumber(ARGV[3]) then
  return 0
end
local version = tonumber(call('HGET', KEYS[3], ':version') or '0') or 0
call('HSET', KEYS[2], ARGV[1], ARGV[2])
call('UNLINK', KEYS[3], KEYS[4])
if ARGV[4] == '1' then
  call('HSET', KEYS[3], ':version', string.format('%.0f', version + 1))
end
return 1
