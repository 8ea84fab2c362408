// A comment that waits for the line, and one that was taken back from there: it may have arrived all
// the same, its answer being lost. It is then corrected, or the reader knows that there are two.
const offerTakingBack = (form) => {
  const { line_lost, send_now, send_not } = withMore(form.texts);
  form.say(line_lost, element("p", { class: "beside" },
    button(send_now, () => form.outbox.hurry(), { part: "send-now" }),
    button(send_not, () => takeBack(form), { part: "send-not" })));
};

const takeBack = (form) => {
  const { outbox, pending } = form;
  form.takenBack = [...(form.takenBack || []), pending];
  outbox.cancel();
  form.stopWaiting();
  form.inputs.content.focus();
  // The answer may be on its way.
  outbox.sent.then(({ status, found }) => {
    if (status === 202 && form.takenBack?.includes(pending)) offerCorrecting(form, found);
  });
};

// Whether the form still says it.
const isIn = (form, body) => ["name", "title", "content"].every((name) => !form.inputs[name] || form.inputs[name].value === body[name]);

// Whether nothing of it has arrived, so that what is in the form now may go. With the same captcha it
// may: of all that bring it intake takes one. Where the form has another captcha by now, the old one
// is spent or burnt, and what was sent with it can be sent again as it was: nothing new is taken, and
// who has it to the letter is told of it what they were told before, or would have been.
const nothingArrived = async (form) => {
  for (const { body, captcha } of form.takenBack) {
    if (captcha.id === form.captcha.now.id) return true;
    const answer = await form.post(body);
    if (answer.status === 202) {
      const { found } = await form.line.request(`/v1/receipts/${answer.found.receipt.code}`);
      if (found.status === "withdrawn") continue;
      await (isIn(form, body) ? form.accepted(answer.found, body) : offerCorrecting(form, answer.found));
      return false;
    }
    if (!answer.status || answer.status === 429 || answer.status >= 500) {
      form.say(reasonOf(answer, form.texts));
      return false;
    }
  }
  form.takenBack = undefined;
  form.keep();
  return true;
};

// What arrived is the reader's own from now on; what is in the form may become its wording.
const offerCorrecting = (form, { id, receipt }, reason) => form.desk.withReceipts(async (receipts) => {
  const { code, url } = receipt;
  const { desk } = form;
  const texts = withMore(form.texts);
  const own = receipts.of(code, url);
  if (!desk.receiptsKept().some((kept) => kept.code === code)) {
    desk.keepReceipts([...desk.receiptsKept(), { code, url }]);
    desk.announce("submitted", { id, ...receipt });
  }
  const { status, found } = await form.line.request(own.path);
  if (status === 200) own.show(found);
  const ways = [button(texts.arrived_other, () => sendAnother(form), { part: "send-another" })];
  if (status !== 200 || found.editable_until) {
    ways.unshift(button(texts.arrived_correct, () => correctArrived(form, own, receipt), { part: "correct-arrived" }));
  }
  form.say(reason || texts.arrived, " ", element("a", { href: url, target: "_blank" }, texts.arrived_see),
    element("p", { class: "beside" }, ...ways));
  // Where it was not asked for, the answer having come late, the reader is writing.
  if (form.sending) ways[0].focus();
});

const correctArrived = async (form, own, receipt) => {
  const answer = await form.line.request(own.path, form.fields.values(["name", "title", "content"]), "PUT");
  if (answer.found.errors?.length) return form.showErrors(answer.found.errors);
  if (answer.status !== 200) return offerCorrecting(form, { receipt }, reasonOf(answer, form.texts));
  form.takenBack = undefined;
  form.fields.fill({ title: "", content: "" });
  form.replyTo("");
  form.say("");
  return own.change(answer.found, own.texts.corrected);
};

const sendAnother = (form) => {
  form.takenBack = undefined;
  form.keep();
  return form.submit();
};
