-- Acknowledges handled entries and adds each to the ledger exactly once, even if the call is repeated.
--
-- KEYS[1] stream    {pN}:votes
-- KEYS[2] ledger    {pN}:ledger
-- ARGV[1] group     the consumer group
-- ARGV[2] column    of the ledger: entries are added to <column>, votes to <column>-votes
-- ARGV[3...] pairs  id and number of votes of each entry
--
-- Returns the number of entries that were pending.

local call = redis.call
local votesColumn = ARGV[2] .. '-votes'
local old = call('HMGET', KEYS[2], ARGV[2], votesColumn)
for i = 1, 2 do
  if (tonumber(old[i] or 0) or 0.5) % 1 ~= 0 then
    return redis.error_reply('CORRUPT ' .. KEYS[2] .. ' ' .. ARGV[2] .. ' is not an integer')
  end
end
local entries, votes = 0, 0
for i = 3, #ARGV, 2 do
  if call('XACK', KEYS[1], ARGV[1], ARGV[i]) == 1 then
    entries = entries + 1
    votes = votes + tonumber(ARGV[i + 1])
  end
end
if entries > 0 then
  call('HINCRBY', KEYS[2], ARGV[2], entries)
  call('HINCRBY', KEYS[2], votesColumn, votes)
end
return entries
