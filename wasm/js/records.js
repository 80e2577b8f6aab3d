/** Records of a collection, in columns. Nothing is parsed before it is asked for. */
export class RecordPage {
  #ids;
  #metadata;
  #extra;

  /** Takes what the core gives, and frees it. */
  static from(native) {
    try {
      return new RecordPage(native);
    } finally {
      native.free();
    }
  }

  constructor(native) {
    /** The position of the first record in the collection. */
    this.offset = native.offset;
    /** How many records the collection has. */
    this.total = native.total;
    /** How many numbers a vector has. */
    this.dimension = native.dimension;
    /** All vectors, one after the other. */
    this.vectors = native.vectors();
    this.#ids = { text: native.ids(), ends: native.idEnds() };
    this.#metadata = { text: native.metadata(), ends: native.metadataEnds() };
    this.#extra = { text: native.extra(), ends: native.extraEnds() };
    /** How many records there are here. */
    this.length = this.#ids.ends.length;
  }

  /** The id of the record at an index of this page. */
  id(index) {
    return textAt(this.#ids, index);
  }

  /** Its vector, as a view of {@link vectors}. */
  vector(index) {
    this.id(index);
    return this.vectors.subarray(index * this.dimension, (index + 1) * this.dimension);
  }

  /** Its metadata as the JSON text that was written; `undefined` where there are none. */
  metadataText(index) {
    return textAt(this.#metadata, index) || undefined;
  }

  /** Its metadata, parsed; numbers beyond 2^53 lose digits that {@link metadataText} keeps. */
  metadata(index) {
    const text = this.metadataText(index);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Its other members as JSON text of an object; `undefined` where there are none. */
  extraText(index) {
    const text = textAt(this.#extra, index);
    return text ? `{${text}}` : undefined;
  }

  /** The records one by one. */
  *[Symbol.iterator]() {
    for (let index = 0; index < this.length; index += 1) {
      yield {
        id: this.id(index),
        vector: this.vector(index),
        metadataText: this.metadataText(index),
        extraText: this.extraText(index),
      };
    }
  }
}

function textAt({ text, ends }, index) {
  if (!(index in ends)) throw new RangeError(`no record at ${index} of ${ends.length}`);
  return text.slice(index === 0 ? 0 : ends[index - 1], ends[index]);
}
