-- TAKE-WEBHOOKS: deliveries that are due, each for one sender until its lease is over.
-- ARGV: most, lease ms
local reply = { 'OK' }
for _, delivery in ipairs(redis.call('ZRANGEBYSCORE', K.webhooksDue, '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local id, number = partsOf(delivery)
  local job = redis.call('HMGET', K.job .. id, 'webhook', 'owner')
  local text = redis.call('HGET', K.webhooks .. id, number)
  if job[1] and text then
    redis.call('ZADD', K.webhooksDue, now + tonumber(ARGV[2]), delivery)
    for _, part in ipairs({ delivery, text, job[1], job[2] }) do reply[#reply + 1] = part end
  else
    redis.call('ZREM', K.webhooksDue, delivery)
  end
end
return reply
