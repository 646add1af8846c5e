-- Goes on with the refresh token that the answer before has brought. A token that is under way is in no queue, so
-- each is sent once: there are as many as connections, and one thread.
require "report"

local tokens, first, last, is_checked = {}, 1, 0, false

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
  -- wrk asks for one request before it begins, to see whether it is one, and does not send it.
  if is_checked then
    tokens[first] = nil
    first = first + 1
  end
  is_checked = true
  return wrk.format("POST", "/auth/refresh", {["Content-Type"] = "application/json"}, '{"refreshToken":"' .. token .. '"}')
end

function response(status, headers, body)
  -- A refusal makes the whole run worthless, which the report says.
  keep(body:match('"refreshToken":"([^"]+)"') or "refused")
end
