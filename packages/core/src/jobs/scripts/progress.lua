-- PROGRESS: what the holder has to say of its attempt: how far it is, what its task logged and what it streamed.
-- ARGV: id, attempt, token, value, message, text said before this, log text, output text, most text of an attempt
--       (texts counted in bytes)
local id, before, most = ARGV[1], tonumber(ARGV[6]), tonumber(ARGV[9])
local job = load(id, 'progressValue', 'progressMessage', 'said')
-- A holder whose lease ran out holds it still, until somebody claims: it may say what it could not tell meanwhile before it beats.
if not holds(job, ARGV[2], ARGV[3]) then return { 'STALE' } end

-- What is kept of it counts against the byte budget, with what Redis needs around it. In a stream that is full a further event
-- takes an older one's place: a job that tells of its progress for days costs no more than one that does so for an hour. Its
-- texts count all the same: there is a limit of them.
local function tell(event, data)
  local bytes = #(data.text or '')
  if redis.call('XLEN', K.events .. id) < MAX_EVENTS then bytes = bytes + ENTRY_BYTES + #(data.message or '') end
  emit(id, job, event, data)
  redis.call('HINCRBY', K.job .. id, 'bytes', bytes)
  redis.call('INCRBY', K.usedBytes, bytes)
end

local isNews = job.progressValue ~= ARGV[4] or job.progressMessage ~= ARGV[5]
if job.status == 'processing' and isNews then
  redis.call('HSET', K.job .. id, 'progressValue', ARGV[4], 'progressMessage', ARGV[5])
  tell('progress', { value = tonumber(ARGV[4]), message = ARGV[5] })
end

local function say(event, text)
  if text == '' or job.said > most then return end
  job.said = job.said + #text
  redis.call('HSET', K.job .. id, 'said', job.said)
  tell(event, job.said > most and { text = '', truncated = true } or { text = text })
end

-- A worker that had no answer says it again: what was said from there on is known.
if before < job.said then return { 'OK' } end
say('log', ARGV[7])
say('output', ARGV[8])
return { 'OK' }
