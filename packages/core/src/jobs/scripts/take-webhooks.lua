-- TAKE-WEBHOOKS: deliveries that are due, each for one sender until its lease is over.
-- ARGV: most, lease ms
local reply = { 'OK' }
for _, delivery in ipairs(redis.call('ZRANGEBYSCORE', K.webhooksDue, '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local id, number = partsOf(delivery)
  -- A name that is none would fail again and again, and hold up all the others.
  local job = id and redis.call('HMGET', K.job .. id, 'webhook', 'owner')
  local text = id and redis.call('HGET', K.webhooks .. id, number)
  if text and job[1] then
    redis.call('ZADD', K.webhooksDue, now + tonumber(ARGV[2]), delivery)
    for _, part in ipairs({ delivery, text, job[1], job[2] }) do reply[#reply + 1] = part end
  else
    redis.call('ZREM', K.webhooksDue, delivery)
  end
end
return reply
