// The Huffman code of RFC 7541 appendix B. It is canonical: codes of one length count upwards in the order of their symbols, and each
// length goes on where the shorter one ended; so the lengths say it all.

export const minCodeBits = 5;
export const maxCodeBits = 30;
/** The symbol that never stands in a string; its first bits are the padding, which is all ones. */
export const endOfString = 256;

/** How long the code of each byte is: "a" stands for 5 bits, "b" for 6 … "z" for 30. The last letter is the end of the string. */
const lengthLetters =
  'isxxxxxxxtzxxzxxxxxxxxzxxxxxxxxx' + // 0x00
  'bffhibdgffdgdbbbaaabbbbbbbcdkbhf' + // 0x20
  'ibccccccccccccccccccccccdcdioijb' + // 0x40
  'kabababbbaccbbbabcbaabccccckgjix' + // 0x60
  'prpprrrsrssssststtrstssssqrsrsst' + // 0x80
  'rqprrssqsrrtqrssqqrqsrssprrrsrrs' + // 0xa0
  'vvporsruvvvwwvtuoqvwwvwtqqvvxwww' + // 0xc0
  'ptpqrqqsrruuttvsvwvvwwwwwxwwwwwv' + // 0xe0
  'z';

/** By symbol. */
export const codeBits: Uint8Array = Uint8Array.from(
  lengthLetters,
  (letter) => letter.charCodeAt(0) - 0x61 + minCodeBits,
);

/** By symbol, right-aligned. */
export const codes: Uint32Array = new Uint32Array(lengthLetters.length);

/** The symbols in the order of their codes. */
export const symbolsByCode: Uint16Array = new Uint16Array(lengthLetters.length);

/** By length: the first code of it, and where its symbols begin in `symbolsByCode`. */
export const firstCodes: Uint32Array = new Uint32Array(maxCodeBits + 1);
export const firstPlaces: Uint16Array = new Uint16Array(maxCodeBits + 2);

function fillCodes(): void {
  let code = 0;
  let place = 0;
  for (let bits = minCodeBits; bits <= maxCodeBits; bits += 1) {
    firstCodes[bits] = code;
    firstPlaces[bits] = place;
    for (let symbol = 0; symbol < codeBits.length; symbol += 1) {
      if (codeBits[symbol] !== bits) continue;
      codes[symbol] = code;
      symbolsByCode[place] = symbol;
      code += 1;
      place += 1;
    }
    code *= 2;
  }
  firstPlaces[maxCodeBits + 1] = place;
}

fillCodes();
