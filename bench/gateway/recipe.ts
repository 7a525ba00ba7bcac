/** What a site to compare with is written for. */
export interface ComparedSite {
  /** Of its upstream and its logs. */
  name: string;
  registryHost: string;
  port: number;
  nodePort: number;
  chainFile: string;
  keyFile: string;
  userFile: string;
}

/**
 * The recipe's registry site, as the table of its steps says (docs/benchmarks.md): the baseline. Everything that it
 * does not name is nginx's default. Its own port and logs are all that differ, so that it can be on the same host as
 * the gateway.
 */
export function recipeText(site: ComparedSite): string {
  return `upstream ${site.name} {
    server 127.0.0.1:${site.nodePort};
}
server {
    listen ${site.port} ssl;
    server_name ${site.registryHost};
    add_header Docker-Distribution-Api-Version registry/2.0 always;
    ssl_certificate ${site.chainFile};
    ssl_certificate_key ${site.keyFile};
    proxy_set_header Host $host;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Original-URI $request_uri;
    client_max_body_size 600M;
    location / {
        auth_basic "Restricted";
        auth_basic_user_file ${site.userFile};
        proxy_pass https://${site.name};
        proxy_read_timeout 900;
    }
    access_log /var/log/nginx/${site.name}.access.log;
    error_log /var/log/nginx/${site.name}.error.log;
}
`;
}

/**
 * The least that nginx can do: TLS on both sides, connections kept, bodies through memory, and nothing else. What a
 * gateway costs beyond this is its own.
 */
export function leastText(site: ComparedSite): string {
  return `upstream ${site.name} {
    server 127.0.0.1:${site.nodePort};
    keepalive 32;
}
server {
    listen ${site.port} ssl;
    server_name ${site.registryHost};
    ssl_certificate ${site.chainFile};
    ssl_certificate_key ${site.keyFile};
    access_log off;
    client_max_body_size 0;
    location / {
        proxy_pass https://${site.name};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_buffer_size 64k;
        proxy_buffers 4 64k;
    }
}
`;
}
