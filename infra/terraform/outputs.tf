output "images" {
  description = "Repository that images are pushed to."
  value       = google_artifact_registry_repository.images.name
}

output "audio" {
  description = "Where audio lies (FLOORLOG_OBJECTS_URL)."
  value       = google_storage_bucket.audio.url
}

output "pipeline_bucket" {
  description = "Where the Flex Template's specification belongs."
  value       = google_storage_bucket.pipeline.url
}

output "database_url_secret" {
  description = "Name of the secret that holds the store's URL (DATABASE_URL_SECRET)."
  value       = google_secret_manager_secret.database_url.id
}

output "web" {
  description = "Google's addresses of the pages and of the API, to point the names in pages_url and api_url at."
  value       = { for name, service in google_cloud_run_v2_service.web : name => service.uri }
}
