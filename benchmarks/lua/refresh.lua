-- Goes on with the refresh token that the answer before has brought. A token that is under way is in no queue, so
-- that each is sent once: there are as many as connections, and one thread.
require "report"

local tokens, first, last = {}, 1, 0

local function keep(token)
  last = last + 1
  tokens[last] = token
end

function init(arguments)
  for token in io.lines(arguments[1]) do
    keep(token)
  end
end

function request()
  local token = tokens[first]
  tokens[first] = nil
  first = first + 1
  return wrk.format("POST", "/auth/refresh", {["Content-Type"] = "application/json"}, '{"refreshToken":"' .. token .. '"}')
end

function response(status, headers, body)
  keep(body:match('"refreshToken":"([^"]+)"'))
end
