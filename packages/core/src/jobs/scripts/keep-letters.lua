-- KEEP LETTERS: dead letters that were taken out of the broker are remembered, all of them or none.
-- ARGV: the most there may be, then id, letter pairs
local added = (#ARGV - 1) / 2
if redis.call('ZCARD', K.deadLetters) + added > tonumber(ARGV[1]) then return { 'FULL' } end
for i = 2, #ARGV, 2 do
  redis.call('SET', K.deadLetter .. ARGV[i], ARGV[i + 1])
  redis.call('ZADD', K.deadLetters, redis.call('INCR', K.sequence), ARGV[i])
end
return { 'OK' }
