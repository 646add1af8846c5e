-- Sends the requests of a file, one after the other, over and over. They end with a byte that no request holds.
require "report"

local requests, last = {}, 0

function init(arguments)
  local content = io.open(arguments[1], "rb"):read("*a")
  for request in content:gmatch("([^\30]+)\30") do
    requests[#requests + 1] = request
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end
