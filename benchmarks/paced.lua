-- A request every 20 ms on each connection; every tenth asks for the connection to be closed behind it.
local count = 0
function delay() return 20 end
function request()
   count = count + 1
   if count % 10 == 0 then return wrk.format(nil, nil, { ["Connection"] = "close" }) end
   return wrk.format()
end
