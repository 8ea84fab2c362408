// The reader's own comments in the thread, whatever became of them: what Thread can do once somebody
// has sent something.
const withOwn = (thread, { mine }) => Object.assign(thread, {
  tools: new Map(),

  // The <li> of it, with .own-tools for whoever keeps the receipt; none where it is not in sight.
  showOwn(receipt) {
    const { id, parent_id: parent, status } = receipt;
    const above = this.entries.get(parent);
    const lane = this.entries.get(id)?.lane || above?.replies || above?.lane || this.lane;
    if (["withdrawn", "removed"].includes(status)) return this.takeDown(id, lane);
    this.own.set(id, receipt);
    let entry = this.entries.get(id);
    // What is published stands where the list has it, and is marked when the list comes there.
    if (!entry && status === "published") return undefined;
    if (!entry) {
      entry = this.entry(receipt, lane);
      if (lane.top) lane.list.append(entry.item);
      else lane.list.prepend(entry.item);
      lane.show();
    } else if (!entry.removed) {
      this.fill(entry, receipt);
    }
    this.mark(entry);
    entry.item.classList.toggle("waiting", status !== "published");
    return entry.item;
  },

  mark(entry) {
    entry.item.classList.add("own");
    if (entry.tools) return;
    // The list may be made anew, sorted otherwise; the tools go on.
    entry.tools = this.tools.get(entry.id) || element("div", { class: "own-tools" });
    this.tools.set(entry.id, entry.tools);
    entry.name.after(element("span", { class: "mine" }, mine));
    entry.said.after(entry.tools);
  },
});
