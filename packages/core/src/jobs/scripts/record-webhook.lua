-- RECORD-WEBHOOK: what became of an attempt to deliver. One that comes late, from a sender whose lease is over, may still say
-- that it was delivered, and nothing else.
-- ARGV: delivery, attempt as JSON, 'delivered'|'failed'|'pending', ms until the next attempt, attempts kept
local delivery, status = ARGV[1], ARGV[3]
local id, number = partsOf(delivery)
local text = redis.call('HGET', K.webhooks .. id, number)
if not text then
  redis.call('ZREM', K.webhooksDue, delivery)
  return { 'GONE' }
end
local told = cjson.decode(text)
told.attempts = told.attempts or {}
told.attempts[#told.attempts + 1] = cjson.decode(ARGV[2])
if #told.attempts > tonumber(ARGV[5]) then table.remove(told.attempts, 1) end
told.tries = told.tries + 1
if told.status == 'pending' or status == 'delivered' then
  told.status = status
  if status == 'pending' then
    redis.call('ZADD', K.webhooksDue, now + tonumber(ARGV[4]), delivery)
  else
    redis.call('ZREM', K.webhooksDue, delivery)
  end
end
redis.call('HSET', K.webhooks .. id, number, cjson.encode(told))
return { 'OK', told.status }
