-- Removes a consumer from a group unless entries are pending for it, which no consumer could claim afterwards.
--
-- KEYS[1] stream    {pN}:votes
-- ARGV[1] group     the consumer group
-- ARGV[2] consumer  its name
--
-- Returns 1 if it was removed, 0 if it has pending entries or does not exist.

for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for i = 1, #row, 2 do
    consumer[row[i]] = row[i + 1]
  end
  if consumer.name == ARGV[2] and consumer.pending == 0 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
    return 1
  end
end
return 0
