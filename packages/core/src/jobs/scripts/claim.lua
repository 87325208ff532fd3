-- CLAIM: one attempt of one job for one worker.
-- ARGV: delivered id, worker, nonce, token for a new attempt, lease ms, redelivered '0'|'1', suspect ms, run grace ms, worker's pool
local id, worker, nonce, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local leaseMs, redelivered, suspectMs, runGraceMs = tonumber(ARGV[5]), ARGV[6] == '1', tonumber(ARGV[7]), tonumber(ARGV[8])

local function granted(id, job)
  local given = redis.call('HMGET', K.job .. id, 'input', 'task', 'traceparent')
  return { 'OK', id, job.attempt, job.token, given[1], job.runTimeoutMs, given[2], given[3] or '' }
end

-- From now on the job is somebody's for a lease, and may run for its time.
local function hold(id, job)
  redis.call('HSET', K.job .. id, 'leaseUntil', now + leaseMs, 'beatAt', now, 'startedAt', now,
    'runDeadline', now + job.runTimeoutMs + runGraceMs)
  redis.call('ZADD', K.due, now + leaseMs, id)
end

local function loadForClaim(id)
  return load(id, 'nonce', 'beatAt', 'notBefore', 'queueDeadline', 'order', 'runTimeoutMs', 'swapNonce', 'swapJob')
end

local job = loadForClaim(id)
-- This delivery was once answered with a more urgent job, and the answer was lost: the same answer again.
if job.status and job.swapNonce == nonce then
  id = job.swapJob
  job = loadForClaim(id)
end
if not job.status or job.pool ~= ARGV[9] then return { 'GONE' } end
if isFinal(job.status) then return { 'TERMINAL', job.status } end

if job.status == 'processing' then
  if job.nonce == nonce then
    -- Its answer was lost, perhaps long ago: the worker begins now, and so do its lease and its time.
    hold(id, job)
    return granted(id, job)
  end
  if job.leaseUntil > now then
    -- The broker redelivers when the holder's connection broke. A holder that still beats is alive: leave it the job.
    -- One that is silent is dead: no need to wait for the end of its lease. The asker's own name on the job changes nothing:
    -- a process that runs the job knows its message when it comes back, so this is a new one under the old one's name.
    local silentMs = now - job.beatAt
    if not redelivered then return { 'BUSY', 0 } end
    if silentMs < suspectMs then return { 'BUSY', suspectMs - silentMs } end
    -- Silence is no proof of death, and this would be the end: that waits for the end of the lease.
    if job.tries >= job.maxAttempts then return { 'BUSY', 0 } end
  end
end
if job.notBefore > now then return { 'BUSY', 0 } end
if failIfSpent(id, job) then return { 'TERMINAL', 'failed' } end
-- Nothing starts, and nothing is spent: the delivery is to be given back, so that its message waits where it was.
if redis.call('HEXISTS', K.pool .. job.pool, 'pausedAt') == 1 then return { 'PAUSED' } end

-- A delivery is leave to take one job, and the most urgent goes first whatever order the broker kept.
local head = redis.call('ZRANGE', K.waiting .. job.pool, 0, 0)[1]
if head and head ~= id then
  local urgent = loadForClaim(head)
  if math.floor(urgent.order / 1e13) < math.floor(job.order / 1e13) and not failIfSpent(head, urgent) then
    -- The job that was passed over has spent its message: the sweeper looks at it next and publishes another, whatever
    -- the broker's count says (the urgent job's own message is still there, and stands for nobody).
    redis.call('HSET', K.job .. id, 'swapNonce', nonce, 'swapJob', head)
    if job.status == 'queued' then
      redis.call('HSET', K.job .. id, 'spent', '1')
      redis.call('ZADD', K.due, now, id)
    end
    id, job = head, urgent
  end
end

job.attempt, job.tries, job.token = job.attempt + 1, job.tries + 1, token
redis.call('HSET', K.job .. id, 'status', 'processing', 'attempt', job.attempt, 'tries', job.tries, 'worker', worker,
  'nonce', nonce, 'token', token)
redis.call('HDEL', K.job .. id, 'progressValue', 'progressMessage', 'spent', 'said')
redis.call('ZREM', K.waiting .. job.pool, id)
hold(id, job)
emit(id, job, 'started')
notifyWebhook(id, job, 'started')
count(job, 'claimed')
return granted(id, job)
