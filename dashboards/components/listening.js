// Opens the live socket, comes back when it is lost, and tells the page of news, at most three times a second.
const OVER = new Set([1008, 4401])  // the session has ended: the next click leads to the sign-in
const TOGETHER_MS = 300, LONGEST_WAIT_MS = 30_000

export default function ({ data, setTriggerValue }) {
  let socket, waiting, after, closed = false, wait = 500
  const tell = () => { waiting = undefined; setTriggerValue("event", after) }
  const open = () => {
    const address = new URL("/api/v1/live", window.location.href)
    address.protocol = address.protocol.replace("http", "ws")
    if (after !== undefined) address.searchParams.set("after", after)
    socket = new WebSocket(address)
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data)
      wait = 500
      after = event.event_id
      if (event.kind.startsWith(data.kind)) waiting ??= setTimeout(tell, TOGETHER_MS)
    }
    socket.onclose = ({ code }) => {
      if (closed || OVER.has(code)) return
      setTimeout(() => closed || open(), wait * (0.5 + Math.random()))
      wait = Math.min(2 * wait, LONGEST_WAIT_MS)
    }
  }
  open()
  return () => { closed = true; clearTimeout(waiting); socket.close() }
}
