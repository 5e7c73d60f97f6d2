-- The requests that wrk sends: the ten samples in turn. The argument is their folder.

local requests = {}

function init(arguments)
  for digit = 0, 9 do
    local file = assert(io.open(arguments[1] .. "/" .. digit .. ".jpg", "rb"))
    requests[digit] = wrk.format("POST", "/v1/read", { ["Content-Type"] = "image/jpeg" }, file:read("*a"))
    file:close()
  end
end

local count = 0

function request()
  count = (count + 1) % 10
  return requests[count]
end
