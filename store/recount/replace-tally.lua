-- Atomically returns a partition's tables of a contest and those of a recount, replaces the former if requested, and
-- ends the freeze.
--
-- Dead letters of the tally whose votes the recount has counted are marked in {pN}:failures, so that tally.lua does not
-- count them again after a replay.
--
-- KEYS[1] rules        {pN}:rules
-- KEYS[2] dead         {pN}:dead
-- KEYS[3] failures     {pN}:failures
-- KEYS[4] tally        {pN}:tally:<contest>
-- KEYS[5] recounted    the tally of the recount
-- KEYS[6...] tables    further tables, each followed by that of the recount: the voters, or the buckets of vote_ids
-- ARGV[1] contest      its id
-- ARGV[2] rule         of the contest when the recount began
-- ARGV[3] freeze       as freeze.lua returned it
-- ARGV[4] apply        "1": replace the tables
-- ARGV[5] keep         for tables that the recount lacks: "1" keeps the old ones, "0" removes them
-- ARGV[6] letters      number of dead letters that the recount has read
-- ARGV[7...] positions of the dead letters to mark, whose votes the recount has counted
--
-- Returns {"rule" | "freeze" | "letters", {}, {}} if the contest's rule changed, the freeze ended, or dead letters were
-- added or replayed; else {"ok", tally, recounted}, both as flat HGETALL replies.

local call = redis.call
local frozen = ':frozen ' .. ARGV[1]
local freeze = call('HGET', KEYS[1], frozen)
call('HDEL', KEYS[1], frozen)
if call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return { 'rule', {}, {} }
end
local time = call('TIME')
if freeze ~= ARGV[3] or time[1] * 1000 > tonumber(string.match(freeze, '^%d+')) then
  return { 'freeze', {}, {} }
end
local letters = call('HLEN', KEYS[2])
for _, field in ipairs(call('HKEYS', KEYS[3])) do
  if string.sub(field, 1, 7) == 'replay ' then
    letters = -1
  end
end
if letters ~= tonumber(ARGV[6]) then
  return { 'letters', {}, {} }
end

local tally = call('HGETALL', KEYS[4])
local recounted = call('HGETALL', KEYS[5])
if ARGV[4] == '1' then
  local function number(key, field)
    return tonumber(call('HGET', key, field) or '0') or 0
  end
  -- Watchers wait for a version above the last one they saw.
  local version = math.max(number(KEYS[4], ':version'), number(KEYS[5], ':version')) + 1
  -- In a closed contest the log may lack some late votes.
  local late = number(KEYS[5], ':late')
  local closes = tonumber(string.match(ARGV[2], '^%S+ %d+ (%d+)') or 0)
  if closes > 0 and closes < time[1] * 1000 then
    late = math.max(late, number(KEYS[4], ':late'))
  end
  call('HSET', KEYS[5], ':version', string.format('%.0f', version), ':late', string.format('%.0f', late))
  call('UNLINK', KEYS[4])
  call('RENAME', KEYS[5], KEYS[4])
  call('PERSIST', KEYS[4])
  for i = 6, #KEYS, 2 do
    if call('EXISTS', KEYS[i + 1]) == 1 then
      call('RENAME', KEYS[i + 1], KEYS[i])
      if ARGV[5] == '0' then
        call('PERSIST', KEYS[i])
      end
    elseif ARGV[5] == '0' then
      call('UNLINK', KEYS[i])
    end
  end
  for i = 7, #ARGV do
    call('HSET', KEYS[3], 'counted ' .. ARGV[1] .. ' ' .. ARGV[i], '1')
  end
end
return { 'ok', tally, recounted }
