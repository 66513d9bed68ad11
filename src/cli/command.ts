// What a command of the `sallyport` program is. One thin file per command, listed in commands.ts.

/** Where a command writes; the process's own streams, or a test's. */
export interface Terminal {
  /** Results, for the next program in a pipe. */
  readonly out: (text: string) => void;
  /** Everything said to a person. */
  readonly err: (text: string) => void;
  /** Results may be coloured: somebody reads them on a terminal. Absent: no. */
  readonly hasColors?: boolean;
}

export interface Command {
  /** Text for `sallyport help NAME` and `sallyport NAME --help`; ends with a line break. */
  readonly help: () => string;
  /**
   * Runs with the words behind the command's name; resolves to the exit code: 0 done, 1 it failed, 2 it was used wrongly.
   * @throws {UsageError} for the caller to print.
   */
  readonly run: (words: readonly string[], terminal: Terminal) => Promise<number>;
}

/** A row of the command table; the code of a command is loaded when it runs. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}
