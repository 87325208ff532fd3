-- PAUSE: no job of the pool is started from now on, or again; pausing what is paused changes nothing.
-- ARGV: pool, 'pause'|'resume'
local pool = K.pool .. ARGV[1]
if ARGV[2] == 'pause' then
  redis.call('HSETNX', pool, 'pausedAt', now)
  return { 'OK', redis.call('HGET', pool, 'pausedAt') }
end
redis.call('HDEL', pool, 'pausedAt')
return { 'OK' }
