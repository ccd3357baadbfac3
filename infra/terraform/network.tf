resource "google_compute_network" "floorlog" {
  name                    = "floorlog"
  auto_create_subnetworks = false
  depends_on              = [google_project_service.needed]
}

resource "google_compute_subnetwork" "floorlog" {
  name                     = "floorlog"
  region                   = var.region
  network                  = google_compute_network.floorlog.id
  ip_cidr_range            = "10.20.0.0/20"
  private_ip_google_access = true # workers have no public address
}

# Capture reaches the stream's origin, and workers a model hub, through one address that others can allow.
resource "google_compute_router" "floorlog" {
  name    = "floorlog"
  region  = var.region
  network = google_compute_network.floorlog.id
}

resource "google_compute_router_nat" "floorlog" {
  name                               = "floorlog"
  region                             = var.region
  router                             = google_compute_router.floorlog.name
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
}

# Workers of the pipeline talk to one another on these ports.
resource "google_compute_firewall" "workers" {
  name          = "floorlog-workers"
  network       = google_compute_network.floorlog.id
  source_ranges = [google_compute_subnetwork.floorlog.ip_cidr_range]

  allow {
    protocol = "tcp"
    ports    = ["12345-12346"]
  }
}

# The capture machine takes SSH through Google's proxy only.
resource "google_compute_firewall" "operators" {
  name          = "floorlog-operators"
  network       = google_compute_network.floorlog.id
  source_ranges = ["35.235.240.0/20"] # Identity-Aware Proxy's TCP forwarding
  target_tags   = ["floorlog-capture"]

  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
}
