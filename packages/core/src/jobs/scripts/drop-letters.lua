-- DROP LETTERS: dead letters are forgotten.
-- ARGV: ids
local dropped = 0
for _, id in ipairs(ARGV) do
  redis.call('DEL', K.deadLetter .. id, K.deadLetterHold .. id)
  dropped = dropped + redis.call('ZREM', K.deadLetters, id)
end
return { 'OK', dropped }
