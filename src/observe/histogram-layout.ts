// Where each histogram of a request series lies in its array of totals: buckets (each observation in exactly one, the last
// one unbounded), then the sum. Names and bounds are ingress-nginx's, because dashboards name them. Times in milliseconds.

export interface HistogramLayout {
  /** Metric name. */
  readonly name: string;
  readonly help: string;
  /** Index of the first bucket in the totals. */
  readonly start: number;
  /** Upper bounds (`le`) as Go's client prints them; the unbounded bucket last. */
  readonly bounds: readonly string[];
  /** Index of the sum. */
  readonly sum: number;
  /** What the sum is divided by to get the metric's unit. */
  readonly divisor: number;
}

const timeBounds = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];
const lengthBounds = ['10', '20', '30', '40', '50', '60', '70', '80', '90', '100', '+Inf'];
const sizeBounds = ['10', '100', '1000', '10000', '100000', '1e+06', '1e+07', '+Inf'];

/** First bucket of each histogram. The sum follows the last bucket. */
export const requestTimeStart = 0;
export const responseTimeStart = 13;
export const connectTimeStart = 26;
export const headerTimeStart = 39;
export const requestSizeStart = 52;
export const responseSizeStart = 64;
/** Length of a series' totals. */
export const totalsLength = 73;

export const requestTimeSum = requestTimeStart + timeBounds.length;
export const responseTimeSum = responseTimeStart + timeBounds.length;
export const connectTimeSum = connectTimeStart + timeBounds.length;
export const headerTimeSum = headerTimeStart + timeBounds.length;
export const requestSizeSum = requestSizeStart + lengthBounds.length;
export const responseSizeSum = responseSizeStart + sizeBounds.length;

const prefix = 'nginx_ingress_controller_';

/** Counts the requests of a series: the observations of its request times, since every request has one. */
export const requestsCounter = {
  name: `${prefix}requests`,
  help: 'The total number of client requests',
} as const;

/** In the order in which they are exposed. */
export const histograms: readonly HistogramLayout[] = [
  timeLayout('request', requestTimeStart, 'The request processing time in seconds'),
  timeLayout(
    'response',
    responseTimeStart,
    'The time spent on receiving the response from the upstream server',
  ),
  timeLayout(
    'connect',
    connectTimeStart,
    'The time spent on establishing a connection with the upstream server',
  ),
  timeLayout('header', headerTimeStart, 'The time spent on receiving first header from the upstream server'),
  sizeLayout(
    'request_size',
    requestSizeStart,
    lengthBounds,
    'The request length in bytes (including request line, header, and body)',
  ),
  sizeLayout('response_size', responseSizeStart, sizeBounds, 'The response body length in bytes'),
];

function timeLayout(name: string, start: number, help: string): HistogramLayout {
  const sum = start + timeBounds.length;
  return { name: `${prefix}${name}_duration_seconds`, help, start, bounds: timeBounds, sum, divisor: 1000 };
}

function sizeLayout(name: string, start: number, bounds: readonly string[], help: string): HistogramLayout {
  return { name: prefix + name, help, start, bounds, sum: start + bounds.length, divisor: 1 };
}

/** Bucket of a time within its histogram. Most proxied requests end within 5 ms: the first comparison. */
export function timeBucket(milliseconds: number): number {
  if (milliseconds <= 5) return 0;
  if (milliseconds <= 100) {
    if (milliseconds <= 25) return milliseconds <= 10 ? 1 : 2;
    return milliseconds <= 50 ? 3 : 4;
  }
  if (milliseconds <= 1000) {
    if (milliseconds <= 500) return milliseconds <= 250 ? 5 : 6;
    return 7;
  }
  if (milliseconds <= 5000) return milliseconds <= 2500 ? 8 : 9;
  return milliseconds <= 10_000 ? 10 : 11;
}

/** Bucket of a request's length: tens up to 100. */
export function lengthBucket(bytes: number): number {
  if (bytes > 100) return 10;
  return bytes <= 10 ? 0 : Math.ceil(bytes / 10) - 1;
}

/** Bucket of a response's size: powers of ten up to ten million. */
export function sizeBucket(bytes: number): number {
  if (bytes <= 1000) {
    if (bytes <= 100) return bytes <= 10 ? 0 : 1;
    return 2;
  }
  if (bytes <= 100_000) return bytes <= 10_000 ? 3 : 4;
  if (bytes <= 1_000_000) return 5;
  return bytes <= 10_000_000 ? 6 : 7;
}
