-- For wrk: single messages to ever new numbers, each with a delivery report wanted (dlr-mask 3: delivered or failed).
local count = 0
local path = "/cgi-bin/sendsms?username=bench&password=bench&to=138%08d"
    .. "&text=Your+code+is+482913.+It+is+valid+for+5+minutes.&dlr-mask=3"

request = function()
    count = count + 1
    return wrk.format("GET", string.format(path, count))
end

done = function(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        'RESULT {"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50_us":%d,"p99_us":%d,"p999_us":%d}\n',
        summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
