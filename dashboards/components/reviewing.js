// A session of cards. Each rating is one request to the API, sent again under its key until it is kept; the next card
// is there at once, and the page does not run again. What is due, and when, the API says; nothing is reckoned here.
const API = "/api/v1/flashcards", FEW = 3, AT_ONCE = 20, LONGEST_WAIT_MS = 30_000, SOON_MS = 30 * 60_000
const RATINGS = [[1, "Again"], [2, "Hard"], [3, "Good"], [4, "Easy"]]
const sessions = new Map()

export default function ({ parentElement, data, setTriggerValue }) {
  if (!sessions.has(data.session)) {
    sessions.clear()
    sessions.set(data.session, new Session(data))
  }
  const session = sessions.get(data.session)
  session.mount(parentElement, () => setTriggerValue("done", session.history.length))
  return () => session.unmount()
}

class Session {
  constructor({ due, filter }) {
    Object.assign(this, { filter, queue: [], history: [], pending: new Set(), note: "", begun: Date.now() })
    this.take(due)
  }

  take(due, since = 0) {
    const held = new Set(this.queue.map(card => card.card_id))
    const later = new Set(this.history.slice(since).map(entry => entry.card.card_id))
    const isEarly = !(due.learning + due.review + due.new)
    const fresh = due.cards.filter(card => !held.has(card.card_id) && !later.has(card.card_id))
    for (const card of fresh) card.isEarly = isEarly
    if (!this.queue.length && fresh.length) this.shownAt = Date.now()
    this.queue.push(...fresh)
    this.due = due
  }

  mount(place, finished) {
    this.root = element("div")
    this.finished = finished
    place.append(this.root)
    this.onKey = event => this.key(event)
    this.onLeave = event => { if (this.pending.size) event.preventDefault() }
    document.addEventListener("keydown", this.onKey)
    window.addEventListener("beforeunload", this.onLeave)
    this.render()
  }

  unmount() {
    document.removeEventListener("keydown", this.onKey)
    window.removeEventListener("beforeunload", this.onLeave)
    clearTimeout(this.timer)
    this.root.remove()
    this.root = undefined
  }

  key(event) {
    const at = event.composedPath()[0]
    const writes = at.closest?.("input, textarea, select, [contenteditable=true], [role=dialog], [role=listbox]")
    if (writes || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
    const presses = at.closest?.("button, a, summary, [role=button]")
    const rating = Number(event.key)
    if (rating >= 1 && rating <= 4 && this.isShown) this.rate(rating)
    else if ((event.key === " " || event.key === "Enter") && !presses && this.queue.length) this.isShown ? this.rate(3) : this.show()
    else if (event.key.toLowerCase() === "u" && this.history.length) this.undo()
    else return
    event.preventDefault()
  }

  show() {
    this.isShown = true
    this.render()
  }

  next() {
    Object.assign(this, { isShown: false, shownAt: Date.now() })
    this.render()
    if (this.queue.length < FEW) this.refill()
  }

  rate(rating) {
    const card = this.queue.shift()
    const body = { rating, duration_ms: Math.min(Date.now() - this.shownAt, 86_400_000) }
    const entry = { card, rating }
    this.history.push(entry)
    const lane = lane_of(card)
    this.due[lane] = Math.max(0, this.due[lane] - 1)
    entry.kept = this.send("POST", `/${card.card_id}/review`, body, key())
    entry.kept.then(review => { if (review && !is_learnt(review) && this.root) { this.due.learning += 1; this.render() } })
    this.next()
  }

  async undo() {
    const entry = this.history.pop()
    this.busy = true
    const kept = await entry.kept
    const undone = kept && await this.send("POST", `/reviews/${kept.review_id}/undo`)
    this.busy = false
    if (undone) {
      if (!is_learnt(kept)) this.due.learning = Math.max(0, this.due.learning - 1)
      this.queue = [entry.card, ...this.queue.filter(card => card.card_id !== entry.card.card_id)]
      this.due[lane_of(entry.card)] += 1
    }
    this.next()
  }

  async change(what, goes) {
    const card = this.queue[0]
    if (goes) this.queue.shift()
    const changed = await this.send("PATCH", `/${card.card_id}`, what)
    if (!goes && changed) Object.assign(card, { ...changed, choices: card.choices })
    if (goes) { this.due[lane_of(card)] -= 1; this.next() } else this.render()
  }

  async refill() {
    if (this.isFilling) return
    this.isFilling = true
    clearTimeout(this.timer)
    await Promise.allSettled([...this.pending])
    const since = this.history.length
    const due = await this.send("GET", `/due?${new URLSearchParams({ ...this.filter, limit: AT_ONCE })}`)
    this.isFilling = false
    if (!due) return
    this.take(due, since)
    const wait = due.next_due_at && new Date(due.next_due_at) - Date.now()
    if (!this.queue.length && wait && wait < SOON_MS) this.timer = setTimeout(() => this.refill(), Math.max(1000, wait + 500))
    if (!this.root) return
    this.render()
    if (!this.queue.length) this.finished()
  }

  // What is wrong with a request is said; what is wrong on its way is tried again, under the same key.
  send(method, path, body, idempotency) {
    const headers = { "Content-Type": "application/json", ...(idempotency && { "Idempotency-Key": idempotency }) }
    const attempt = async wait => {
      const answer = await fetch(API + path, { method, headers, body: body && JSON.stringify(body) }).catch(() => null)
      if (!answer || answer.status >= 500 || answer.status === 429) {
        this.tell("Not saved yet: there is no answer. It is sent again by itself.")
        await new Promise(done => setTimeout(done, wait * (0.5 + Math.random())))
        return attempt(Math.min(2 * wait, LONGEST_WAIT_MS))
      }
      const told = answer.status === 204 ? null : await answer.json()
      this.tell(answer.ok ? "" : answer.status === 401 ? "Your session has ended. Sign in again to go on." : told.detail)
      return answer.ok ? told : null
    }
    const promise = attempt(500)
    if (method !== "GET") {
      this.pending.add(promise)
      promise.finally(() => this.pending.delete(promise))
    }
    return promise
  }

  tell(note) {
    if (note === this.note) return
    this.note = note
    const place = this.root?.querySelector(".note")
    if (place) place.textContent = note
  }

  render() {
    if (!this.root) return
    const card = this.queue[0]
    const body = card ? this.card(card) : [this.end()]
    this.root.replaceChildren(this.top(), ...body)
    this.root.querySelector(".card")?.focus({ preventScroll: true })
  }

  top() {
    const { learning, review, new: fresh } = this.due, early = this.filter.early ? this.due.early : 0
    const left = learning + review + fresh + early, done = this.history.length
    const ahead = early ? `, ${early} early` : ""
    const bar = element("progress", { max: Math.max(1, done + left), value: done, "aria-label": "Progress of this session" })
    const counts = element("p", { className: "counts" }, [
      element("b", {}, [`${done} done`]), `${left} to go: ${learning} learning, ${review} to review, ${fresh} new${ahead}`,
    ])
    return element("header", {}, [counts, bar, element("p", { className: "note", role: "status" }, [this.note])])
  }

  card(card) {
    const label = element("p", { className: "deck" }, [[card.deck, ...card.tags.map(tag => `#${tag}`)].join("  ")])
    const sides = [label, html("div", card.question_html, "question")]
    if (this.isShown) sides.push(element("hr"), html("div", card.answer_html, "answer"), ...this.past(card))
    const face = element("article", { className: "card", tabIndex: -1, "aria-live": "polite" }, sides)
    const beside = card.source ? [element("aside", {}, this.isShown ? this.place(card.source) : this.later())] : []
    const table = element("div", { className: card.source ? "table sourced" : "table" }, [face, ...beside, this.buttons(card)])
    return [table, this.tools()]
  }

  buttons(card) {
    if (!this.isShown) return element("div", { className: "buttons" }, [button("Show the answer", "Space", () => this.show(), "main")])
    return element("div", { className: "buttons four" }, RATINGS.map(([rating, name]) => {
      const choice = card.choices.find(one => one.rating === rating)
      return button(name, `${choice ? wait_of(choice.due_at) : ""} · ${rating}`, () => this.rate(rating), name.toLowerCase())
    }))
  }

  tools() {
    const undo = button("Undo", "U", () => this.undo(), "plain")
    undo.disabled = !this.history.length || this.busy
    if (!this.queue.length) return element("div", { className: "tools" }, [undo])
    const bury = button("Not today", "", () => this.change({ buried: true }, true), "plain")
    const suspend = button("Never again, until I say so", "", () => this.change({ suspended: true }, true), "plain")
    return element("div", { className: "tools" }, [undo, bury, suspend])
  }

  later() {
    return [element("p", { className: "small" }, ["The page it is from is shown with the answer."])]
  }

  past(card) {
    if (!card.reps) return []
    const times = count => count === 1 ? "once" : `${count} times`
    const known = card.recall == null ? "" : ` You were expected to know it with ${Math.round(100 * card.recall)} %.`
    const lapses = card.lapses ? `, forgotten ${times(card.lapses)}` : ""
    return [element("p", { className: "small past" }, [`Reviewed ${times(card.reps)}${lapses}.${known}`])]
  }

  place(source) {
    if (source.status === "gone") return [
      element("p", {}, ["The page this card was made from is not there for you any more."]), ...quoted(null, source.quote),
    ]
    const page = source.page ? `, ${source.page_kind || "page"} ${source.page}` : ""
    const link = element("a", { href: source.open_url, target: "_blank", rel: "noopener" }, [`${source.title}${page}`])
    const parts = [element("p", { className: "small" }, ["From ", link])]
    if (source.status === "changed") parts.push(
      element("p", { className: "changed" }, ["This page has changed since the card was made. Is the card still right?"]),
      button("It is still right", "", () => this.change({ source_accepted: true }, false), "plain"))
    return [...parts, ...quoted(source.text, source.quote)]
  }

  ahead() {
    const many = this.due.early === 1 ? "one card that is" : `${this.due.early} cards that are`
    const goOn = () => { this.filter = { ...this.filter, early: true }; this.refill(); this.render() }
    return [
      element("p", {}, [`Your exam is near, and your plan has minutes left today: a look at ${many} not due yet makes them likelier to be known on the day. It earns no points.`]),
      button("Look at them early", "", goOn, "main"),
    ]
  }

  end() {
    const minutes = Math.max(1, Math.round((Date.now() - this.begun) / 60_000))
    const done = this.history.length ? `You answered ${this.history.length} cards in ${minutes} min. ` : ""
    const next = this.due.next_due_at ? `The next card comes in ${wait_of(this.due.next_due_at)}.` : "No other card waits."
    const title = this.isFilling ? "Looking for more" : "Nothing is due now"
    const words = element("article", { className: "card over", tabIndex: -1 }, [
      element("h3", {}, [title]), element("p", {}, [this.isFilling ? "" : done + next]),
      ...(this.isFilling || this.filter.early || !this.due.early ? [] : this.ahead()),
    ])
    return element("div", {}, [words, this.tools()])
  }
}

function element(tag, facts = {}, children = []) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(facts)) name in made ? made[name] = value : made.setAttribute(name, value)
  made.append(...children)
  return made
}

// cleaned by the API (studium.learning.faces)
function html(tag, source, className) {
  const made = element(tag, { className })
  made.innerHTML = source
  return made
}

function button(name, hint, act, className) {
  const made = element("button", { type: "button", className }, [name, ...(hint ? [element("small", {}, [hint])] : [])])
  made.onclick = act
  return made
}

// A passage with what the card quotes of it marked; far from it, it is left out.
function quoted(text, quote, around = 300) {
  if (!text) return quote ? [element("blockquote", {}, [element("mark", {}, [quote])])] : []
  const start = quote ? text.indexOf(quote) : -1
  if (start < 0) return [element("blockquote", {}, [text.slice(0, 3 * around) + (text.length > 3 * around ? "…" : "")])]
  const from = Math.max(0, start - around), end = start + quote.length, to = Math.min(text.length, end + around)
  return [element("blockquote", {}, [
    (from ? "…" : "") + text.slice(from, start), element("mark", {}, [quote]), text.slice(end, to) + (to < text.length ? "…" : ""),
  ])]
}

function wait_of(moment) {
  const minutes = Math.max(1, Math.round((new Date(moment) - Date.now()) / 60_000)), hours = minutes / 60, days = hours / 24
  if (minutes < 60) return `${minutes} min`
  if (hours < 23.5) return `${Math.round(hours)} h`
  if (days < 60) return `${Math.round(days)} d`
  return days < 365 ? `${(days / 30.4).toFixed(1)} months` : `${(days / 365.25).toFixed(1)} years`
}

const is_learnt = ({ state }) => state === "review"
const lane_of = ({ state, isEarly }) => isEarly ? "early" : state === "new" ? "new" : state === "review" ? "review" : "learning"
// crypto.randomUUID is there on https and localhost alone
const key = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("")
