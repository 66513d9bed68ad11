// DateField: the `Date` line for responses that lack one, rendered once a second.

const secondMs = 1_000;

export class DateField {
  #line = '';
  #validUntilMs = 0;

  /** `Date: Sat, 21 Nov 2026 01:02:03 GMT` with its CRLF (RFC 9110 6.6.1). */
  line(): string {
    const nowMs = Date.now();
    if (nowMs >= this.#validUntilMs || nowMs < this.#validUntilMs - secondMs) {
      const second = nowMs - (nowMs % secondMs);
      this.#line = `Date: ${new Date(second).toUTCString()}\r\n`;
      this.#validUntilMs = second + secondMs;
    }
    return this.#line;
  }
}
