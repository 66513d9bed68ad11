-- Prints wrk's own counts as one line of JSON, for bench/macro/load.ts. Times in microseconds.
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"bytes":%d,"p50Us":%d,"p99Us":%d,"refused":%d,"broken":%d,"timeouts":%d,"badStatus":%d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    e.connect, e.read + e.write, e.timeout, e.status))
end
