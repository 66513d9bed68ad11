// What every nginx configuration here begins with: in the foreground, one worker, all its files in one folder.
export function renderNginxHead(folder: string): string {
  // Root must say so, or the worker runs as a user that cannot read the folder.
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  return `${user}daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log error;
events { worker_connections 1000; }
`;
}

/** Inside `http { }`. */
export function renderNginxTemporaryPaths(folder: string): string {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${folder}/${name}_temp;\n`)
    .join('');
}
