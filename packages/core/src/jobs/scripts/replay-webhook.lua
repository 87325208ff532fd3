-- REPLAY-WEBHOOK: a delivery is made again, now, with all its attempts before it.
-- ARGV: delivery
local id, number = partsOf(ARGV[1])
local text = id and redis.call('HGET', K.webhooks .. id, number)
if not text then return { 'GONE' } end
local told = cjson.decode(text)
told.status, told.tries = 'pending', 0
redis.call('HSET', K.webhooks .. id, number, cjson.encode(told))
redis.call('ZADD', K.webhooksDue, now, ARGV[1])
return { 'OK' }
