-- Sliding windows in Valkey: at most N in any 60 seconds, over all nodes. One call decides.
--
-- A window is a hash: the sum of what counts (total), the first and the last second that
-- may hold something (oldest, newest), and a field per second, named by its number. Such a
-- field is weight * 1000 + the millisecond of the second's last admission, 60 seconds after
-- which the whole second expires: never too early, and at most one second too late. Each
-- second is subtracted once, when it expires, so that a call costs the same whatever the
-- limit. The server's clock counts, no node's. `window.py` does the same in memory.
--
-- KEYS[1] is the epoch: a mark that is lost together with the data. A caller that knows
-- another one is told so, and nothing is done.
--
-- ARGV: operation, epoch, milliseconds (tests only; else empty), then per operation:
--   admit, peek   limit, weight                 for each of KEYS[2..]
--   write         milliseconds, weight (or -)   for each of KEYS[2..]
--   greet         replica, new epoch, silence   KEYS[2] is the list of replicas
-- Answers: {-1} when the epoch is another; {1, now, sum…} admitted; {0, now, sum, wait,
-- reset…} refused or peeked (wait 0: it fits); {1, now} written; {now, epoch, replicas}.

local MINUTE = 60000
local STEP_BACK = 2 -- seconds that the server's clock may be set back without a word

local operation, now = ARGV[1], tonumber(ARGV[3])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local second = math.floor(now / 1000)

local function split(value) -- weight, millisecond
    local number = tonumber(value) or 0
    return math.floor(number / 1000), number % 1000
end

local function name(number)
    return string.format('%d', number)
end

-- The values of the seconds from..to, in order.
local function seconds(key, from, to)
    local names = {}
    for number = from, to do
        names[#names + 1] = name(number)
    end
    return redis.call('HMGET', key, unpack(names)), names
end

-- Subtract the seconds that have expired.
local function expire(window)
    local last = math.min(window.newest, second - 60)
    local values, names = seconds(window.key, window.oldest, last)
    local dead, first = {}, window.oldest
    for index = 1, #names do
        local number = window.oldest
        local weight, millisecond = split(values[index])
        if values[index] then
            if number * 1000 + millisecond + MINUTE >= now then
                break
            end
            window.total = window.total - weight
            dead[#dead + 1] = names[index]
        end
        window.oldest = number + 1
    end
    if #dead > 0 then
        redis.call('HDEL', window.key, unpack(dead))
    end
    if window.oldest > first then
        redis.call('HSET', window.key, 'total', window.total, 'oldest', window.oldest)
    end
end

local function load(key)
    local this, dying = name(second), name(second - 60)
    local found = redis.call('HMGET', key, 'total', 'oldest', 'newest', this, dying)
    local window = {
        key = key,
        total = tonumber(found[1]) or 0,
        oldest = tonumber(found[2]) or second,
        newest = tonumber(found[3]) or second,
        this = found[4],
    }
    if not found[1] then
        return window
    end
    if window.newest > second + STEP_BACK then -- the clock was set back: all of it begins anew
        redis.call('DEL', key)
        window.oldest, window.newest, window.this = second, second, window.total * 1000 + 999
        redis.call('HSET', key, 'total', window.total, 'oldest', second, 'newest', second,
            this, window.this)
        redis.call('PEXPIRE', key, MINUTE + 2000)
    elseif window.newest < second - 60 then
        redis.call('DEL', key)
        window.total, window.oldest, window.newest = 0, second, second
    elseif window.oldest < second - 60 then
        expire(window)
    elseif window.oldest == second - 60 then
        local _, millisecond = split(found[5])
        if not found[5] or window.oldest * 1000 + millisecond + MINUTE < now then
            expire(window)
        end
    end
    return window
end

-- Count `weight` at a second that has not expired.
local function add(window, number, millisecond, weight)
    local value = window.this
    if number ~= second then
        value = redis.call('HGET', window.key, name(number))
    end
    local had, last = split(value)
    window.total = window.total + weight
    window.oldest = math.min(window.oldest, number)
    local is_new = not value or number > window.newest
    window.newest = math.max(window.newest, number)
    redis.call('HSET', window.key, 'total', window.total, 'oldest', window.oldest,
        'newest', window.newest, name(number), (had + weight) * 1000 + math.max(last, millisecond))
    if is_new then
        redis.call('PEXPIRE', window.key, (window.newest - second) * 1000 + MINUTE + 2000)
    end
end

-- Take `weight` back from the second that it was counted in, as far as it is still there.
local function take(window, number, weight)
    local value = redis.call('HGET', window.key, name(number))
    if value then
        local had, last = split(value)
        local taken = math.min(had, weight)
        window.total = window.total - taken
        redis.call('HSET', window.key, 'total', window.total,
            name(number), (had - taken) * 1000 + last)
    end
end

-- How long until there is room for `weight`, and until nothing counts any more.
local function waits(window, limit, weight)
    local excess, wait, reset = window.total + weight - limit, 0, 0
    if weight > limit then
        wait = MINUTE
    end
    if window.total > 0 then
        local values = seconds(window.key, window.oldest, window.newest)
        for index = 1, window.newest - window.oldest + 1 do
            local had, millisecond = split(values[index])
            if had > 0 then
                local number = window.oldest + index - 1
                reset = math.min(MINUTE, number * 1000 + millisecond + MINUTE + 1 - now)
                if excess > 0 and wait == 0 and had >= excess then
                    wait = reset
                end
                excess = excess - had
            end
        end
    end
    if excess > 0 and wait == 0 then
        wait = MINUTE
    end
    return wait, reset
end

if operation == 'greet' then
    local epoch = redis.call('GET', KEYS[1])
    if not epoch then
        epoch = ARGV[5]
        redis.call('SET', KEYS[1], epoch)
    end
    -- Who was silent itself (because Valkey was away) does not call others silent.
    local before = redis.call('ZSCORE', KEYS[2], ARGV[4])
    if before and tonumber(before) > now - tonumber(ARGV[6]) then
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - tonumber(ARGV[6]))
    end
    redis.call('ZADD', KEYS[2], now, ARGV[4])
    redis.call('PEXPIRE', KEYS[2], MINUTE * 10)
    return {now, epoch, redis.call('ZCARD', KEYS[2])}
end

if redis.call('GET', KEYS[1]) ~= ARGV[2] then
    return {-1}
end

if operation == 'write' then
    for index = 2, #KEYS do
        local at = math.min(now, tonumber(ARGV[2 * index]))
        local weight = tonumber(ARGV[2 * index + 1])
        local number = math.floor(at / 1000)
        if at + MINUTE >= now then
            local window = load(KEYS[index])
            if weight > 0 then
                add(window, number, at % 1000, weight)
            else
                take(window, number, -weight)
            end
        end
    end
    return {1, now}
end

local windows, is_free = {}, true
for index = 2, #KEYS do
    local window = load(KEYS[index])
    window.limit, window.weight = tonumber(ARGV[2 * index]), tonumber(ARGV[2 * index + 1])
    is_free = is_free and window.total + window.weight <= window.limit
    windows[#windows + 1] = window
end

local answer = {0, now}
if operation == 'admit' and is_free then
    answer[1] = 1
    for _, window in ipairs(windows) do
        if window.weight > 0 then
            add(window, math.max(second, window.newest), now % 1000, window.weight)
        end
        answer[#answer + 1] = window.total
    end
    return answer
end
for _, window in ipairs(windows) do
    local wait, reset = waits(window, window.limit, window.weight)
    answer[#answer + 1] = window.total
    answer[#answer + 1] = wait
    answer[#answer + 1] = reset
end
return answer
