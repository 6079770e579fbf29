// Calls of the kernel, and their answers.
const SLOW = 1500;

class Kernel {
  constructor(model, onslow) {
    Object.assign(this, { model, onslow, count: 0, waiting: new Map(), key: Math.random().toString(36).slice(2) });
    this.listen = (message) => this.answer(message);
    model.on("msg:custom", this.listen);
  }
  call(call, args = {}) {
    const id = `${this.key}.${++this.count}`;
    return new Promise((done, fail) => {
      this.waiting.set(id, { done, fail, timer: setTimeout(() => this.onslow(true), SLOW) });
      this.model.send({ id, call, args });
    });
  }
  answer(message) {
    if (message?.changed) return this.onchange?.();
    const call = this.waiting.get(message?.id);
    if (!call) return;
    this.waiting.delete(message.id);
    clearTimeout(call.timer);
    this.onslow(false);
    if ("error" in message) call.fail(message);
    else call.done(message.data);
  }
  close() {
    this.model.off("msg:custom", this.listen);
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
  }
}
