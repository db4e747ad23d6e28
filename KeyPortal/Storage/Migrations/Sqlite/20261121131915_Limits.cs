using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KeyPortal.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Limits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Quotas",
                table: "api_keys",
                type: "TEXT",
                nullable: false,
                defaultValueSql: "'[]'");

            migrationBuilder.AddColumn<string>(
                name: "RateLimits",
                table: "api_keys",
                type: "TEXT",
                nullable: false,
                defaultValueSql: "'[]'");

            migrationBuilder.AddColumn<string>(
                name: "Tier",
                table: "api_keys",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "limit_tiers",
                columns: table => new
                {
                    OrganizationId = table.Column<string>(type: "TEXT", nullable: false),
                    Tiers = table.Column<string>(type: "TEXT", nullable: false, defaultValueSql: "'[]'"),
                    DefaultTier = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_limit_tiers", x => x.OrganizationId);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "limit_tiers");

            migrationBuilder.DropColumn(
                name: "Quotas",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "RateLimits",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "Tier",
                table: "api_keys");
        }
    }
}
