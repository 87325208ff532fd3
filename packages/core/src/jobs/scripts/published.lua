-- PUBLISHED: the broker has confirmed these publications: the next look at those jobs may wait, twice as long with each
-- publication. (What it has not confirmed is looked at after the first patience, however often that was so.)
-- ARGV: patience base ms, patience ceiling ms, then id, publication pairs
local base, ceiling = tonumber(ARGV[1]), tonumber(ARGV[2])
for i = 3, #ARGV, 2 do
  local id, publication = ARGV[i], ARGV[i + 1]
  local job = redis.call('HMGET', K.job .. id, 'status', 'publications', 'notBefore', 'spent', 'queueDeadline')
  -- What has moved on since has a look of its own, which must not be put off.
  local isWaiting = job[1] == 'queued' and job[2] == publication and not job[3] and not job[4]
  if isWaiting then
    local patience = math.min(ceiling, base * 2 ^ math.min(math.max(tonumber(publication) - 2, 0), 20))
    redis.call('ZADD', K.due, 'XX', 'GT', math.min(now + patience, tonumber(job[5])), id)
  end
end
return { 'OK' }
