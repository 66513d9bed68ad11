// The line in which wrk/report.lua and the client of the benchmark say what they have counted.

/** To be read as what the program or script prints, both of which are ours. Throws with the whole output when there is none. */
export function readResultLine(what: string, output: string): unknown {
  const line = /^RESULT (.*)$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(`${what} printed no result:\n${output}`);
  return JSON.parse(line);
}
