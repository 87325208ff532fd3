-- PUBLISHED: the broker has confirmed these publications: the next look at those jobs may wait.
-- ARGV: patience ms, then id, publication pairs
local patience = tonumber(ARGV[1])
for i = 2, #ARGV, 2 do
  local id = ARGV[i]
  local job = redis.call('HMGET', K.job .. id, 'status', 'publications', 'notBefore', 'spent', 'queueDeadline')
  -- What has moved on since has a look of its own, which must not be put off.
  local isWaiting = job[1] == 'queued' and job[2] == ARGV[i + 1] and not job[3] and not job[4]
  if isWaiting then redis.call('ZADD', K.due, 'XX', 'GT', math.min(now + patience, tonumber(job[5])), id) end
end
return { 'OK' }
