//! The page, embedded when the server is built: what a browser gets at `/`.
//!
//! It needs no token, since it holds nothing but itself: what it shows it asks the API for. It may load and
//! call nothing but this server.

use headers::{ETag, Header, IfNoneMatch};
use warp::http::StatusCode;
use warp::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderValue, REFERRER_POLICY, VARY,
};
use warp::reply::Response;

/// A file of the page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asset {
    /// The path that it is served at.
    path: &'static str,
    bytes: &'static [u8],
    /// The same, compressed.
    gzip: Option<&'static [u8]>,
    /// The beginning of a hash of `bytes`.
    hash: &'static str,
}

/// Every file of the page; there is one at `/`.
static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// What the page may load, run and call.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self' blob:; worker-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";
/// The folder of files that have a hash of their contents in their names.
const HASHED: &str = "/assets/";

/// The file at a path, as it was sent.
pub(super) fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

impl Asset {
    /// The answer to a request for it.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let zipped = self.gzip.filter(|_| accepts_gzip(headers));
        let tag = match zipped {
            Some(_) => format!("\"{}-gzip\"", self.hash),
            None => format!("\"{}\"", self.hash),
        };
        let tag = HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""));
        let mut response = if has_already(headers, &tag) {
            let mut response = Response::default();
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            Response::new(zipped.unwrap_or(self.bytes).into())
        };
        let said = response.headers_mut();
        said.insert(ETAG, tag);
        said.insert(VARY, HeaderValue::from_static("accept-encoding"));
        let caching = match self.path.starts_with(HASHED) {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        };
        said.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
        said.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        said.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        said.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type()));
        if zipped.is_some() {
            said.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }

    fn content_type(&self) -> &'static str {
        let name = if self.path == "/" { "index.html" } else { self.path };
        match name.rsplit('.').next().unwrap_or_default() {
            "css" => "text/css; charset=utf-8",
            "html" => "text/html; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "json" => "application/json",
            "png" => "image/png",
            "svg" => "image/svg+xml",
            "txt" => "text/plain; charset=utf-8",
            "wasm" => "application/wasm",
            "woff2" => "font/woff2",
            _ => "application/octet-stream",
        }
    }
}

/// Whether the caller takes gzip: named, or as anything, and not with a weight of zero.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut weights = values.flat_map(|value| value.split(',')).map(|coding| {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.parse().ok());
        (name.trim().to_ascii_lowercase(), weight.is_some_and(|weight: f32| weight > 0.0))
    });
    let mut any = false;
    let named = weights.find_map(|(name, taken)| {
        any |= name == "*" && taken;
        matches!(&*name, "gzip" | "x-gzip").then_some(taken)
    });
    named.unwrap_or(any)
}

fn has_already(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let mut known = headers.get_all(IfNoneMatch::name()).iter();
    let known = IfNoneMatch::decode(&mut known).ok();
    let tag = ETag::decode(&mut [tag].into_iter()).ok();
    known.zip(tag).is_some_and(|(known, tag)| !known.precondition_passes(&tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: Asset = Asset {
        path: "/assets/main-A7EBEDPV.js",
        bytes: b"the script",
        gzip: Some(b"zipped"),
        hash: "0123456789abcdef",
    };

    fn get(asset: &Asset, pairs: &[(&str, &str)]) -> Response {
        let pairs = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        asset.answer(&pairs.collect())
    }

    fn header(response: &Response, name: &str) -> String {
        response.headers().get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn it_is_compressed_for_whoever_takes_that() {
        for taken in ["gzip", "br, GZIP;q=0.5", "*", "deflate, *;q=0.1", "gzip;q=1.0, identity;q=0"] {
            let response = get(&SCRIPT, &[("accept-encoding", taken)]);
            assert_eq!(header(&response, "content-encoding"), "gzip", "{taken}");
            assert_eq!(header(&response, "etag"), "\"0123456789abcdef-gzip\"");
        }
        for refused in ["", "br", "gzip;q=0", "gzip;q=0.000, *", "gzip;q=x", "identity"] {
            let response = get(&SCRIPT, &[("accept-encoding", refused)]);
            assert_eq!(header(&response, "content-encoding"), "", "{refused}");
            assert_eq!(header(&response, "etag"), "\"0123456789abcdef\"");
            assert_eq!(header(&response, "vary"), "accept-encoding");
        }
        let plain = Asset { gzip: None, ..SCRIPT };
        assert_eq!(header(&get(&plain, &[("accept-encoding", "gzip")]), "content-encoding"), "");
    }

    #[test]
    fn what_has_a_hash_in_its_name_is_kept_and_the_rest_is_asked_for_again() {
        assert!(header(&get(&SCRIPT, &[]), "cache-control").ends_with("immutable"));
        let index = Asset { path: "/", ..SCRIPT };
        assert_eq!(header(&get(&index, &[]), "cache-control"), "no-cache");
        let known = get(&index, &[("if-none-match", "\"0123456789abcdef\"")]);
        assert_eq!(
            (known.status(), header(&known, "etag").as_str()),
            (StatusCode::NOT_MODIFIED, "\"0123456789abcdef\"")
        );
        let other = [("if-none-match", "\"0123456789abcdef\""), ("accept-encoding", "gzip")];
        assert_eq!(get(&index, &other).status(), 200, "that is another representation");
    }

    #[test]
    fn every_file_says_what_it_is() {
        for (path, kind) in [
            ("/", "text/html; charset=utf-8"),
            ("/assets/a-1.js", "text/javascript; charset=utf-8"),
            ("/assets/a-1.wasm", "application/wasm"),
            ("/assets/a-1.css", "text/css; charset=utf-8"),
            ("/odd", "application/octet-stream"),
        ] {
            assert_eq!(Asset { path, ..SCRIPT }.content_type(), kind);
        }
    }

    #[test]
    fn there_is_a_page_and_it_is_found_by_its_own_paths_only() {
        let page = find("/").expect("a page is embedded, or what stands for it");
        assert!(page.bytes.starts_with(b"<!doctype html>"));
        assert!(ASSETS.iter().all(|asset| find(asset.path) == Some(asset)));
        for path in ["", "/index.html", "//", "/assets/", "/assets/../", "/api/"] {
            assert_eq!(find(path), None, "{path}");
        }
    }
}
