-- What wrk runs for a measurement: one request again and again, and its figures as JSON.
-- bench/wrk.ts gives it a folder with the parts of the request. Without functions for each request, wrk makes the text once.

local function read (path)
  local file = assert(io.open(path, 'rb'))
  local text = file:read('*a')
  file:close()
  return text
end

function init (args)
  wrk.method = 'POST'
  wrk.body = read(args[1] .. '/body')
  for name, value in read(args[1] .. '/headers'):gmatch('([^\n:]+): ([^\n]+)') do
    wrk.headers[name] = value
  end
end

function done (summary, latency)
  local errors = summary.errors
  print(string.format('{"answers":%d,"micros":%d,"p50":%d,"p99":%d,"errors":%d}',
    summary.requests - errors.status, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
