-- Requests over many hosts and paths. Words behind `--`: hosts, paths per host, strings to prepare, `many` or `one`.
-- Both ways do the same work here and send strings of the same length, all different; `one` names the first host and path always.
-- The order jumps about, so that neighbours in the table are not neighbours in time.
local here = debug.getinfo(1, 'S').source:match('^@(.*/)') or './'
dofile(here .. 'report.lua')

local prepared = {}
local count = 0
local position = 0
local stride = 7919

init = function(args)
  local hosts, paths, spread = tonumber(args[1]), tonumber(args[2]), args[4] == 'many'
  count = tonumber(args[3])
  for i = 0, count - 1 do
    local host = spread and i % hosts or 0
    local path = spread and math.floor(i / hosts) % paths or 0
    local target = string.format('/p%02d?n=%06d', path, i)
    wrk.headers['Host'] = string.format('h%05d.bench.example', host)
    prepared[i] = wrk.format('GET', target)
  end
end

request = function()
  position = (position + stride) % count
  return prepared[position]
end
