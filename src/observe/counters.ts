// Named counters and gauges for everything but requests: plain numeric fields that the owner adds to, registered once by name
// with the text that explains them. Families with labels are bounded, so that no input can grow them.
import type { MergeRule, MetricFamilySnapshot, MetricsSnapshot } from './metrics-snapshot.ts';

/** One number. Owners keep it and write to `value`. */
export class MetricCell {
  value = 0;
}

/** Label sets of one family beyond which all further ones share the last, named `other`. */
const defaultMaxCells = 200;
const otherLabel = 'other';
const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelPattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export interface FamilyOptions {
  /** How the values of several processes become one; for gauges. Default `sum`. */
  readonly merge?: MergeRule;
  /** Default 200. */
  readonly maxCells?: number;
}

/** Cells of one metric by the values of its labels. */
export class MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  readonly merge: MergeRule;
  readonly labelNames: readonly string[];
  readonly #maxCells: number;
  readonly #cells = new Map<string, { readonly labelValues: readonly string[]; readonly cell: MetricCell }>();

  constructor(
    kind: 'counter' | 'gauge',
    name: string,
    help: string,
    labelNames: readonly string[],
    options: FamilyOptions,
  ) {
    if (!namePattern.test(name) || !labelNames.every((label) => labelPattern.test(label) && label !== 'le')) {
      throw new RangeError(
        `register metric "${name}" with labels "${labelNames.join(', ')}": not valid names`,
      );
    }
    this.kind = kind;
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.merge = kind === 'counter' ? 'sum' : (options.merge ?? 'sum');
    this.#maxCells = options.maxCells ?? defaultMaxCells;
  }

  /** The cell of these label values, one for each label name, made if need be. Keep it where it is used often. */
  cell(...labelValues: readonly string[]): MetricCell {
    const key = labelValues.join('\0');
    const found = this.#cells.get(key);
    if (found !== undefined) return found.cell;
    if (labelValues.length !== this.labelNames.length) {
      throw new RangeError(
        `${this.name}: got ${labelValues.length} label values, want ${this.labelNames.length}`,
      );
    }
    const others = this.labelNames.map(() => otherLabel);
    if (this.#cells.size >= this.#maxCells - 1 && key !== others.join('\0')) return this.cell(...others);
    const cell = new MetricCell();
    // Copied: a label may be a slice of something large.
    this.#cells.set(key, { labelValues: [...labelValues], cell });
    return cell;
  }

  /** Makes the series of these label values disappear. */
  remove(...labelValues: readonly string[]): void {
    this.#cells.delete(labelValues.join('\0'));
  }

  /** Makes all series disappear. */
  clear(): void {
    this.#cells.clear();
  }

  snapshot(): MetricFamilySnapshot {
    const { name, help, kind, merge, labelNames } = this;
    const cells = Array.from(this.#cells.values(), ({ labelValues, cell }) => ({
      labelValues,
      value: cell.value,
    }));
    return { name, help, kind, merge, labelNames, cells };
  }
}

/** The metrics of one process, except for requests. */
export class MetricRegistry {
  readonly #families = new Map<string, MetricFamily>();
  readonly #collectors: (() => void)[] = [];

  /** A counter without labels. Its name ends in `_total` by convention. Throws if the name is taken or not valid. */
  counter(name: string, help: string): MetricCell {
    return this.counterFamily(name, help, []).cell();
  }

  /** A gauge without labels. */
  gauge(name: string, help: string, merge: MergeRule = 'sum'): MetricCell {
    return this.gaugeFamily(name, help, [], { merge }).cell();
  }

  counterFamily(
    name: string,
    help: string,
    labelNames: readonly string[],
    options: FamilyOptions = {},
  ): MetricFamily {
    return this.#register(new MetricFamily('counter', name, help, labelNames, options));
  }

  gaugeFamily(
    name: string,
    help: string,
    labelNames: readonly string[],
    options: FamilyOptions = {},
  ): MetricFamily {
    return this.#register(new MetricFamily('gauge', name, help, labelNames, options));
  }

  /** `collect` runs before each snapshot, to bring values up to date that are not counted as they happen. */
  onCollect(collect: () => void): void {
    this.#collectors.push(collect);
  }

  snapshot(): MetricsSnapshot {
    for (const collect of this.#collectors) collect();
    return {
      routes: [],
      removed: [],
      families: Array.from(this.#families.values(), (family) => family.snapshot()),
    };
  }

  #register(family: MetricFamily): MetricFamily {
    if (this.#families.has(family.name))
      throw new RangeError(`register metric "${family.name}": the name is taken`);
    this.#families.set(family.name, family);
    return family;
  }
}
