// Where a group version is served.

/** `api/v1` or `apis/networking.k8s.io/v1`. */
export function groupVersionPath(group: string, version: string): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}
